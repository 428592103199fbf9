"""``python -m finance`` is ``patient-capital``."""

from finance.cli import main

if __name__ == "__main__":
    main()
