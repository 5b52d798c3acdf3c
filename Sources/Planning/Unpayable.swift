/// Streams that no day can pay for: a page of theirs costs more than may ever be spent, so that waiting for another
/// night helps nothing. A run ends with 75 all the same, and says so.
package struct Unpayable: Hashable, Sendable {
    /// In the order of the job.
    package var streams: [String]
    /// Of their dearest page.
    package var priceTokens: Int
    /// The most that may ever be spent, and what says so.
    package var most: Bound
    /// Nothing else is left to be read.
    package var isEverything: Bool

    package struct Bound: Hashable, Sendable {
        package var tokens: Int
        package var limit: Limit
    }

    package enum Limit: Hashable, Sendable {
        case day, run
        /// `keep_free` of a company that has so many tokens a day; nil where that is not known and does not matter.
        case keepFree(ofTokens: Int?)
    }

    /// - Parameter lists: what is to be read, and of which stream it is.
    /// - Returns: nil where a day that has just begun can pay for a page of each.
    package init?(_ lists: [(stream: String, spec: ListSpec)], _ allowance: Allowance) {
        most = allowance.mostEver
        let dear = lists.filter { [most] in $0.spec.priceTokens > most.tokens }
        guard let dearest = dear.map(\.spec.priceTokens).max() else { return nil }
        priceTokens = dearest
        isEverything = dear.count == lists.count
        streams = dear.reduce(into: []) { names, list in
            if !names.contains(list.stream) { names.append(list.stream) }
        }
    }

    /// What a job file's streams could not be pulled with.
    package init?(_ streams: [StreamSpec], _ allowance: Allowance) {
        self.init(streams.flatMap { stream in stream.lists.map { (stream.name, $0) } }, allowance)
    }

    /// What is not yet read of a run's streams. Sweeps are none of it: they wait for better days.
    package init?(in situation: Situation) {
        let open = situation.lists.indices.filter {
            !situation.lists[$0].isOut && !Planner.isComplete($0, in: situation)
        }
        self.init(open.map { (situation.lists[$0].stream.name, situation.lists[$0].spec) }, situation.allowance)
    }
}

extension Allowance {
    /// The tokens of a day of which others take nothing, as far as the company's limit is known.
    package var wholeDayTokens: Int {
        min(dailyTokens, company.limit.map { max(0, $0 - company.keptTokens(keepFree)) } ?? .max)
    }

    /// What a day that has just begun, and of which others have taken nothing, would let a run spend. While the
    /// company's limit is unknown, `keep_free` in tokens says nothing.
    package var mostEver: Unpayable.Bound {
        var bounds = [Unpayable.Bound(tokens: dailyTokens, limit: .day)]
        if let runLimitTokens { bounds.append(Unpayable.Bound(tokens: runLimitTokens, limit: .run)) }
        if company.limit != nil || keepFree == .percent(100) {
            let left = (company.limit ?? 0) - company.keptTokens(keepFree)
            bounds.append(Unpayable.Bound(tokens: max(0, left), limit: .keepFree(ofTokens: company.limit)))
        }
        return bounds.min { $0.tokens < $1.tokens } ?? bounds[0]
    }
}

extension Unpayable {
    /// So many streams are named; of more, their number is told.
    private static let namedStreams = 4

    /// What never fits, as part of a sentence.
    package var reason: String {
        "\(names) can never be read to the end: a page costs up to \(priceTokens) tokens, and \(bound)"
    }

    /// What to do, as part of a sentence.
    package var hint: String { "\(change), or leave \(streams.count > 1 ? "them" : names) out of the job's streams" }

    private var names: String {
        guard streams.count > Self.namedStreams else { return streams.joined(separator: ", ") }
        let named = streams.prefix(Self.namedStreams - 1).joined(separator: ", ")
        return "\(named) and \(streams.count - Self.namedStreams + 1) more streams"
    }

    private var bound: String {
        switch most.limit {
        case .day: "budget.daily_tokens allows \(most.tokens) a day"
        case .run: "one run may spend \(most.tokens) (--max-tokens, budget.max_tokens_per_run)"
        case .keepFree(let limit?): "budget.keep_free leaves \(most.tokens) of the company's \(limit) a day"
        case .keepFree: "budget.keep_free leaves nothing"
        }
    }

    private var change: String {
        switch most.limit {
        case .day: "set budget.daily_tokens to \(priceTokens) or more"
        case .run: "let a run spend \(priceTokens) or more"
        case .keepFree: "lower budget.keep_free"
        }
    }
}
