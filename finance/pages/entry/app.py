"""The app's script in an installed package, in a folder of its own: Streamlit looks for modules beside its script."""

from finance.pages.start import main

main()
