import Planning

/// What a job file says about some of its streams: which go first, and how much of a day each may take.
extension StreamDecoder {
    /// `priority`: these go before all others, in the order of that list.
    static func prioritized(_ streams: [Job.Selected], in root: Section) -> [Job.Selected] {
        guard let field = root.optional("priority"), let nodes = field.list(example: "[deals, persons]") else {
            return streams
        }
        var first: [Job.Selected] = []
        var lines: [String: Int] = [:]
        for node in nodes where !node.isBroken {
            let item = field.item(node)
            guard let name = item.text() else { continue }
            refuseDouble(name, item, &lines)
            let named = self.streams(named: name, item).map(\.stream.name)
            let chosen = streams.filter { named.contains($0.stream.name) }
            if !named.isEmpty, chosen.isEmpty { item.tell("\(name) is none of this job's streams") }
            first += chosen.filter { chosen in !first.contains { $0.stream.name == chosen.stream.name } }
        }
        return first + streams.filter { other in !first.contains { $0.stream.name == other.stream.name } }
    }

    /// `budget.max_share`: percent of `daily_tokens`, by the stream's name. A share has to hold one page, or the stream
    /// would never be done.
    static func shares(in section: Section, of budget: Job.Budget?, _ streams: [Job.Selected]) -> [String: Double] {
        guard let given = section.optional("max_share")?.section else { return [:] }
        var shares: [String: Double] = [:]
        for (name, field) in given.fields {
            guard let stream = streams.first(where: { $0.stream.name == name })?.stream else {
                let near = Spelling.nearest(to: name, among: streams.map(\.stream.name))
                field.tell(
                    StreamGroup(rawValue: name) == nil
                        ? "is none of this job's streams\(near.map { "; did you mean \($0)?" } ?? "")"
                        : "is a group; give a share to some of its streams by name")
                continue
            }
            guard let percent = field.percent() else { continue }
            let dearest = stream.lists.map(\.priceTokens).max() ?? 0
            if let budget, Double(budget.dailyTokens) * percent / 100 < Double(dearest) {
                let allowed = Int(Double(budget.dailyTokens) * percent / 100)
                field.tell(
                    "allows \(allowed) tokens a day, and a page of \(name) costs up to \(dearest); give it more, or "
                        + "leave it out")
            }
            shares[name] = percent
        }
        return shares
    }
}
