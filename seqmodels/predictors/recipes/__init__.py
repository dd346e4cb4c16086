"""How the predictors that ship were trained: to be run again, or on other data of the same form."""
