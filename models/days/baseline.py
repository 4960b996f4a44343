"""A home's own usual: middle and spread of what is measured of its days."""

from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

Floats = NDArray[np.float64]

_TO_DEVIATION: Final = 1.4826  # of a normal distribution's median absolute deviation


def middle_and_spread(values: Floats, usual_spread: Floats | float, prior_days: float) -> tuple[Floats, Floats]:
    """Return the median of each column and how far single days lie from it, as a standard deviation.

    The spread is shrunk towards that of homes in general: it weighs as much as `prior_days` days. NaN is left out; a
    column of nothing else has a middle of 0 and the usual spread.
    """
    known = np.isfinite(values)
    median = np.median if known.all() and len(values) else np.nanmedian  # the other one takes ten times as long
    count = known.sum(axis=0)
    filled = np.where(known | (count == 0), values, np.nan)
    filled[:, count == 0] = 0
    middle = median(filled, axis=0)
    own = np.where(count > 0, _TO_DEVIATION * median(np.abs(filled - middle), axis=0), 0)
    shrunk = (own**2 * count + np.square(usual_spread) * prior_days) / (count + prior_days)
    return middle, np.sqrt(shrunk)


class PersonalBaseline(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc] # sklearn has no types
    """Tells how far days are from a home's usual, in spreads of its own days.

    Args:
        usual_spread: standard deviation of single days in homes in general; one number, or one a column.
        prior_days: how many days of the home's own that weighs as much as.
    """

    def __init__(self, usual_spread: float = 1.0, prior_days: float = 7.0) -> None:
        self.usual_spread = usual_spread
        self.prior_days = prior_days

    def fit(self, X: Floats, y: None = None) -> Self:  # noqa: ARG002 - scikit-learn's own form
        """Learn from a home's ordinary days, one row a day; NaN is not known."""
        days = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        self.middle_, self.spread_ = middle_and_spread(days, np.asarray(self.usual_spread), self.prior_days)
        return self

    def transform(self, X: Floats) -> Floats:
        """Return each day's distance from the usual; NaN stays NaN."""
        check_is_fitted(self)
        days = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return np.asarray((days - self.middle_) / self.spread_)

    def __sklearn_tags__(self) -> object:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
