"""What Writer remembers of the whole book: a tree of summaries that repairs itself, and what of it matters now.

All of it is made of the text and kept by what the text says, so that it can be made again at any time.
"""
