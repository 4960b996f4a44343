"""What the routine model is concerned about: one module for each way in which something may be wrong.

A concern learns tables from a home's past days and describes each tick by a few figures relative to them. What those
figures weigh is the same for all homes and was learned from many (`models.prior`); how high a home's own scores
ordinarily go decides what is unusual there (`models.calibration`).
"""
