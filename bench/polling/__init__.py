"""A simulation of one workspace: the polling policy of syncd on simulated time, beside baselines and bounds."""
