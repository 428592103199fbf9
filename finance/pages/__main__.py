"""``python -m finance.pages`` serves the app; ``patient-capital app`` is how people say it."""

import sys

from finance.pages.settings import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
