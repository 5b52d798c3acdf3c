import Extraction
import Planning
import Simulator
import TestSupport

/// Everything that one night will bring, drawn beforehand.
struct NightPlan {
    var mishap = Mishap.none
    var faults: [Misbehaviour] = []
    /// How far the machine's clock is ahead of the server's.
    var skewSeconds: Int64 = 0
    var isReachable = true
    var indexFate = IndexFate.kept
    /// At this request a second run of the same account begins.
    var rivalAt: Int?
    /// At this request people change so many records.
    var editsAt: Int?
    var edits = 0
    /// Of this kind most records are deleted at once, so that a sweep has to ask first.
    var massDeletion: RecordKind?
    var options = RunOptions()
    /// Rows a page. Most nights read a page a list, and where no cursor is sent none can go wrong.
    var pageLimit = Year.pageLimit

    enum IndexFate: Sendable { case kept, deleted, garbled, rebuilt }

    /// A null where a list should be is true of a whole list that is empty: saying so twice buries everything.
    private static let faultKinds = Misbehaviour.Kind.allCases.filter { $0 != .dataNull }
    private static let cursorKinds: Set<Misbehaviour.Kind> = [
        .expiredCursor, .loopingCursor, .repeatedPage, .emptyPageWithCursor,
    ]

    init(_ random: inout SeededRandom, clockIsRight: Bool) {
        if random.chance(0.35) {
            for _ in 0..<random.pick([1, 1, 2]) {
                let kind = random.pick(Self.faultKinds)
                // In answer to a record it says that the record is gone, which is then no fault.
                let path = kind == .notFound ? random.pick(["/deals", "/persons", "/notes", "/stages"]) : nil
                faults.append(
                    Misbehaviour(kind, .probability(random.pick([0.05, 0.1, 0.3, 1])), pathSuffix: path))
            }
        }
        if random.chance(0.02) { faults.append(Misbehaviour(.dataNull, .probability(0.3), pathSuffix: "/deals")) }
        if faults.contains(where: { Self.cursorKinds.contains($0.kind) }), random.chance(0.5) { pageLimit = 5 }
        let effect = Int.random(in: 1...90, using: &random)
        let request = Int.random(in: 1...18, using: &random)
        if random.chance(0.25) {
            mishap = random.pick([
                .diskDies(effect: effect, random.pick(DyingDisk.Death.allCases)),
                .diskFull(bytes: Int.random(in: 0...20_000, using: &random)),
                .killed(effect: effect, random.pick(DyingDisk.Death.allCases)), .killedAsking(request: request),
                .powerCut(effect: effect, random.pick([.everything, .bytes, .names, .some(seed: random.next())])),
                .signal(random.pick([2, 15]), request: request), .networkDies(request: request),
            ])
        }
        if random.chance(0.2) { skewSeconds = random.pick([-300, -120, -20, 20, 120, 300]) }
        if random.chance(0.01) { skewSeconds = random.pick([-7200, 7200]) }
        if clockIsRight { skewSeconds = 0 }
        isReachable = !random.chance(0.02)
        if random.chance(0.03) { indexFate = random.pick([.deleted, .garbled, .rebuilt]) }
        if random.chance(0.1) { rivalAt = request }
        if random.chance(0.3) {
            editsAt = request
            edits = random.pick([1, 3, 40])
        }
        if random.chance(0.03) { options.maxTokens = random.pick([5, 10, 45]) }
        if random.chance(0.03) { options.deadlineSeconds = random.pick([1, 5, 20]) }
        if random.chance(0.03) { options.streams = random.pick([["deals"], ["leads", "notes"]]) }
        if random.chance(0.05) { options.refresh = random.pick([["stages"], ["users", "projects"], ["leads"]]) }
        options.acceptsDeletions = random.chance(0.05)
        if random.chance(0.01) { massDeletion = random.pick([.persons, .notes, .activities]) }
    }

    /// What would make a run end otherwise than complete or out of allowance.
    func excuses(_ code: ExitCode) -> Bool {
        let kinds = Set(faults.map(\.kind))
        func has(_ some: Misbehaviour.Kind...) -> Bool { !kinds.isDisjoint(with: some) }
        let isDown = has(.serverError500, .serverError502, .serverError503, .resetConnection, .truncatedBody)
        let isGarbled = has(.html200, .garbledJSON, .wrongEnvelope, .dataNull)
        let isCircling = has(.expiredCursor, .loopingCursor, .emptyPageWithCursor, .repeatedPage)
        let isRefused = has(.forbiddenJSON, .paymentRequired, .notFound)
        return switch code {
        case .complete, .allowanceUsedUp: true
        case .someStreamsFailed: isDown || isGarbled || isCircling || isRefused
        case .badData: isGarbled || isCircling
        case .serverRefuses:
            isDown || isRefused || !isReachable || has(.forbiddenPage, .burstExceeded) || abs(skewSeconds) > 590
        case .tokenRefused: has(.unauthorized)
        default: false
        }
    }
}
