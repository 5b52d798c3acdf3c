// Simulator pretends to be Pipedrive: an account that answers a request purely, from a seed and a clock, with
// records that change as the clock moves, a token budget, a burst limit and every misbehaviour we know of.
//
// It follows the official OpenAPI descriptions and knows Platform only, never the client's code, so that the two
// cannot share one misreading. Where the real service is undocumented it takes the stricter reading.
// Start at SimulatedAccount.swift; EndpointTable.swift says what can be asked, AccountOptions.swift what can be set.
