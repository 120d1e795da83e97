"""The theory as executable properties: each with exactly the hypotheses under which it holds, and failing outside.

Needs the extra `property` (Hypothesis). Importing this package alone does not.
"""
