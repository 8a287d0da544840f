"""Sweeps: runs nestwalk at many points of its configuration, and makes tables and figures of the results. The command is tools/sweep."""
