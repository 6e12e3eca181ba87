"""What comes out: proposal, certificate, ledger, files, audit."""
