"""Which candidate next?"""
