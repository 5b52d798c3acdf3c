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
    var options = RunOptions()

    enum IndexFate: Sendable { case kept, deleted, garbled, rebuilt }

    /// A null where a list should be is true of a whole list that is empty: saying so twice buries everything.
    private static let faultKinds = Misbehaviour.Kind.allCases.filter { $0 != .dataNull }

    init(_ random: inout SeededRandom) {
        func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &random) < probability }
        func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &random)] }
        if chance(0.35) {
            for _ in 0..<pick([1, 1, 2]) {
                faults.append(Misbehaviour(pick(Self.faultKinds), .probability(pick([0.05, 0.1, 0.3, 1]))))
            }
        }
        if chance(0.02) { faults.append(Misbehaviour(.dataNull, .probability(0.3), pathSuffix: "/deals")) }
        let effect = Int.random(in: 1...60, using: &random)
        let request = Int.random(in: 1...12, using: &random)
        if chance(0.25) {
            mishap = pick([
                .diskDies(effect: effect, pick(DyingDisk.Death.allCases)),
                .diskFull(bytes: Int.random(in: 0...20_000, using: &random)),
                .killed(effect: effect, pick(DyingDisk.Death.allCases)), .killedAsking(request: request),
                .powerCut(effect: effect), .signal(pick([2, 15]), request: request),
            ])
        }
        if chance(0.2) { skewSeconds = pick([-300, -120, -20, 20, 120, 300]) }
        if chance(0.01) { skewSeconds = pick([-7200, 7200]) }
        isReachable = !chance(0.02)
        if chance(0.03) { indexFate = pick([.deleted, .garbled, .rebuilt]) }
        if chance(0.1) { rivalAt = request }
        if chance(0.3) {
            editsAt = request
            edits = pick([1, 3, 40])
        }
        if chance(0.03) { options.maxTokens = pick([5, 10, 45]) }
        if chance(0.03) { options.deadlineSeconds = pick([1, 5, 20]) }
        if chance(0.03) { options.streams = ["deals"] }
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
