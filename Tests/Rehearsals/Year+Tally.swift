import Simulator

/// What has really happened, so that it is seen what never does: a fault that is drawn need not be met.
extension Year {
    mutating func meet(_ what: String) { met[what, default: 0] += 1 }

    /// After a night.
    mutating func count(_ ended: EndedNight, _ plan: NightPlan) {
        if ended.hasStruck, let words = plan.mishap.words { meet(words) }
        if plan.skewSeconds != 0 {
            let size = abs(plan.skewSeconds) > 600 ? "clock two hours" : "clock up to five minutes"
            meet("\(size) \(plan.skewSeconds > 0 ? "ahead" : "behind")\(isMisjudged ? " of a misjudged day" : "")")
        }
        if !plan.isReachable { meet("nobody there") }
        if plan.indexFate != .kept { meet("index \(plan.indexFate)") }
        if plan.massDeletion != nil { meet("most of a kind deleted") }
        let asked = ended.requests.count
        if let request = plan.rivalAt, request <= asked { meet("two processes") }
        if let request = plan.editsAt, request <= asked { meet("changes between pages") }
    }

    /// With the faults of the API's answers, each of which is there though it was never met.
    var tally: [String: Int] {
        Misbehaviour.Kind.allCases.reduce(into: met) { tally, kind in
            tally["answers \(kind.rawValue)"] = rehearsal.asked.faults[kind] ?? 0
        }
    }
}

extension Mishap {
    fileprivate var words: String? {
        switch self {
        case .none: nil
        case .diskDies: "disk died"
        case .diskFull: "disk full"
        case .killed: "killed at an effect"
        case .killedAsking: "killed at a request"
        case .powerCut: "power cut"
        case .signal: "signal"
        case .networkDies: "network died"
        }
    }
}
