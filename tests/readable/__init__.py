"""The market told slowly: plain Python that follows docs/model/market.md, to check the kernel against."""
