import Pipedrive
import Planning

/// How often one page has been asked for in vain, and what that means.
struct Tries: Sendable {
    /// "A page is asked for at most 5 times within 2 minutes."
    static let most = 5
    /// So many of them with the same cursor.
    static let withCursor = 3
    static let withinSeconds: Int64 = 120
    /// Empty pages in a row, each with a new cursor, before the list is taken for broken.
    static let mostEmptyPages = 5
    static let firstPauseMilliseconds: Int64 = 500
    static let longestPauseMilliseconds: Int64 = 20_000

    private(set) var count = 0
    private var firstAt: Instant?
    /// Where the walk stood at its last restart: a try that does not get beyond it is the same try again.
    private var restartedAt: Instant??

    /// One more answer that was no page.
    /// - Returns: whether the page may be asked for again.
    mutating func failed(at now: Instant) -> Bool {
        count += 1
        let first = firstAt ?? now
        firstAt = first
        return count < Self.most && now - first < Self.withinSeconds
    }

    /// The walk begins again from its last key, without its cursor.
    mutating func restarted(at frontier: Instant?) { restartedAt = .some(frontier) }

    /// The next try goes without it.
    var isCursorInDoubt: Bool { count == Self.withCursor }

    /// A page came. It is progress unless it ends where the last restart began.
    mutating func succeeded(frontier: Instant?) {
        if let restartedAt, restartedAt == frontier { return }
        self = Tries()
    }

    /// Doubles from half a second, with a quarter of chance either way so that retries do not march in step.
    /// - Parameter atLeastSeconds: `Retry-After`. It is obeyed up to the longest pause, and chance only adds to it.
    func pauseMilliseconds(chance: Double, atLeastSeconds: Double? = nil) -> Int64 {
        let longest = Double(Self.longestPauseMilliseconds)
        let doubled = Double(Self.firstPauseMilliseconds << Int64(min(max(count - 1, 0), 10)))
        let told = min((atLeastSeconds ?? 0) * 1000, longest)
        return Int64(max(min(doubled, longest) * (0.75 + 0.5 * chance), told * (1 + 0.25 * chance)))
    }
}

/// 429s in a row, of whatever list, of which no header said what they are about.
struct UnexplainedLimits: Sendable {
    /// Rounds before they are taken for the end of the day's tokens.
    static let mostRounds = 5

    /// Requests that were out together are refused together, and count once.
    private var rounds = 0
    /// Requests up to this number were sent before the present round was known.
    private var lastOfRound = 0

    var isUnderWay: Bool { rounds > 0 }
    var isTooMany: Bool { rounds >= Self.mostRounds }

    mutating func met(byAsk number: Int, of askCount: Int) {
        guard number > lastOfRound else { return }
        rounds += 1
        lastOfRound = askCount
    }

    mutating func ended() { rounds = 0 }

    /// Doubles with each round.
    func pauseMilliseconds(atLeastSeconds seconds: Double) -> Int64 {
        min(Int64(seconds * 1000) << Int64(max(rounds - 1, 0)), Tries.longestPauseMilliseconds)
    }
}

/// Whether a walk by offsets gets on, however often it has to go back: it has come to an older second than ever, or
/// deeper into the list than before.
struct Headway: Sendable {
    /// In vain, besides four for each page of the list as far as it was seen: a walk that goes back to the beginning
    /// and comes down again with pages that overlap by half needs two.
    static let mostAnswers = 20
    static let answersPerPage = 4

    private(set) var answers = 0
    private var frontier: Instant?
    private var deepest = 0

    /// - Parameter walk: as it was before the answer.
    mutating func answered(_ walk: Walk) {
        if walk.position == nil || walk.frontier != frontier {
            (frontier, deepest, answers) = (walk.frontier, walk.offset, 0)
        } else if walk.offset > deepest {
            (deepest, answers) = (walk.offset, 0)
        } else {
            answers += 1
        }
    }

    func isLost(pageLimit: Int) -> Bool {
        answers > Self.mostAnswers + Self.answersPerPage * deepest / max(1, pageLimit)
    }
}

/// What a list did in this run beyond what the planner needs to know.
struct ListLog: Sendable {
    var tries = Tries()
    var headway = Headway()
    var emptyPages = 0
    /// A whole listing has come without any record once.
    var wasEmpty = false
    /// When this list may be asked again, after a failure.
    var askAgainAtMilliseconds: Int64 = 0
    /// How far a sweep had come where its cursor was refused: what it shows again up to there is no progress.
    var refusedAfter: RecordKey?
    /// Cursors met since the walk last moved on: meeting one again is a circle.
    var cursorsMet: Set<PagePosition> = []
    /// What the walk has shown of its last second.
    var shown = ShownRows()
    /// The walk as the last queued entry will leave it in the index, under which name it is to be forgotten.
    var storedWalk: Walk?
    /// Which of the run's requests its last one was, and the budget day that paid for it.
    var askNumber = 0
    var bookedOn = ""
    var rowsAskedFor = 0
    var records = 0
    var deletes = 0
    var requests = 0
    var tokens = 0
    var failure: ListFailure?
    /// Why a sweep does not go on in this run.
    var upkeepFailure: String?

    /// The cursor of a sweep led nowhere behind this key; without one the list begins anew.
    mutating func refused(after key: RecordKey?) {
        refusedAfter = [refusedAfter, key].compactMap { $0 }.max()
    }

    /// A page of a sweep came.
    /// - Parameter key: its last one; nil where the list has ended, or nobody knows the order of its keys.
    mutating func swept(through key: RecordKey?) {
        if let refusedAfter, let key, key <= refusedAfter { return }
        (tries, refusedAfter) = (Tries(), nil)
    }
}

/// Why a list is out of this run.
struct ListFailure: Sendable {
    var code: ExitCode
    var reason: String
    /// The account cannot read it: no failure unless the job names the stream.
    var isUnavailable = false
}
