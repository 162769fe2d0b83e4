"""Photo folders, thousands at a time: read in a pool or on a cluster; an interrupted run resumes.

What comes out is triage, never a reading: a person makes a reading, in an examination.
"""
