"""Photo folders by the thousand: read in a pool or on a cluster, written as they come, gone on with later.

What comes out is triage, never a reading: a reading is made by a person, in an examination.
"""
