"""The app: ``streamlit run app.py``, or ``patient-capital app``. What it shows is in ``finance/pages``."""

from finance.pages.start import main

main()
