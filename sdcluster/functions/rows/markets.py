"""Rows of the table of functions: allocation of a supply, and market prices."""

from __future__ import annotations

from sdcluster.functions.function import Function

ROWS = (
    Function("allocate available", "", "ALLOCATE AVAILABLE", (), (3, 3), "first", rewrite="row",
        meaning="allocation of a supply by priority profiles (requests, profiles, supply)"),
    Function("allocate by priority", "", "ALLOCATE BY PRIORITY", (), (5, 5), "first", rewrite="row",
        meaning="allocation of a supply by priority (requests, priorities, size, width, supply)"),
    Function("allocate", "ALLOCATE", "", ("allocate",), (5, 6), "first", rewrite="row", defaults=(1.0,),
        meaning="allocation of a supply over a dimension by priority (supply, dimension, request, priority, width, "
        "kind of profile)"),
    Function("alloc p", "", "ALLOC P", ("alloc_p",), (4, 4), "first", "allotment(1.0, {1}, {2}, 0.0, {0}, {3})",
        meaning="allocation to one request at the priority that MARKETP returns (request, priority, width, "
        "priority from MARKETP)"),
    Function("marketp", "", "MARKETP", ("marketp",), (5, 5), "free",
        meaning="priority at which the allocations sum to the supply (first request, first priority, size, width, "
        "supply)",
        row_arguments=((0, 0), (1, 0))),
    Function("find market price", "", "FIND MARKET PRICE", ("find_market_price",), (4, 4), "free",
        meaning="price at which demand equals supply (demand, demand profile, supply, supply profile)",
        row_arguments=((0, 0), (1, 1), (2, 0), (3, 1))),
    Function("demand at price", "", "DEMAND AT PRICE", ("demand_at_price",), (3, 3), "first", rewrite="demand_at",
        meaning="quantity demanded at a given price (quantity, profile, price)"),
    Function("supply at price", "", "SUPPLY AT PRICE", ("supply_at_price",), (3, 3), "first", rewrite="supply_at",
        meaning="quantity supplied at a given price (capacity, profile, price)"),
    Function("demanded", "", "", (), (6, 6), "first", "(max({0}, 0.0) * demanded_share({1}, {2}, {3}, {4}, {5}))",
        meaning="internal function of demand at price: quantity times the demanded share"),
    Function("supplied", "", "", (), (6, 6), "first", "(max({0}, 0.0) * supplied_share({1}, {2}, {3}, {4}, {5}))",
        meaning="internal function of supply at price: capacity times the supplied share"),
)  # fmt: skip
