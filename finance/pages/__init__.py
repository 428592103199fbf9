"""Pages of the app: widgets and layout. What is asked, simulated and shown is decided further down."""
