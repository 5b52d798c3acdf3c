import Extraction

/// The second face of a run's report.
extension RunReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case run, outcome, exitCode, sentence, requests, tokens, records, deletes, tokensLeft, streams, sweeps, expected
        case budgetReset
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(run, forKey: .run)
        try container.encode(outcome.rawValue, forKey: .outcome)
        try container.encode(code.rawValue, forKey: .exitCode)
        try container.encode(sentence, forKey: .sentence)
        try container.encode(requests, forKey: .requests)
        try container.encode(tokens, forKey: .tokens)
        try container.encode(records, forKey: .records)
        try container.encode(deletes, forKey: .deletes)
        try container.encode(tokensLeft, forKey: .tokensLeft)
        try container.encode(streams, forKey: .streams)
        try container.encode(expected, forKey: .expected)
        try container.encodeIfPresent(budgetReset, forKey: .budgetReset)
        if !sweeps.isEmpty { try container.encode(sweeps, forKey: .sweeps) }
    }
}

extension RunReport.StreamResult: Encodable {
    private enum CodingKeys: String, CodingKey {
        case stream, state, records, requests, tokens, reason
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(stream, forKey: .stream)
        try container.encode(state.rawValue, forKey: .state)
        try container.encode(records, forKey: .records)
        try container.encode(requests, forKey: .requests)
        try container.encode(tokens, forKey: .tokens)
        try container.encode(reason, forKey: .reason)
    }
}
