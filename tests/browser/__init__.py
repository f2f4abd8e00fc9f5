"""The pages in Debian's Chromium, against a scripted model and against tiny: `make test-browser`."""
