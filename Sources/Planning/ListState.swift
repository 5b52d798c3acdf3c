/// What is known of one list at a moment of a run: half of it remembered by the index, half of this run.
package struct ListState: Sendable {
    /// With a smaller page in this run, where one of the usual size was too large.
    package var spec: ListSpec
    package let stream: StreamSpec
    /// The list of the same stream that is read before this one, as an index into `Situation.lists`. A record
    /// that moves from there to here while both are read is then met here; the other way round it would be lost.
    package let predecessor: Int?
    /// What it is asked for: the same list can be read for what changed and for a sweep.
    package let purpose: Purpose

    /// Which of the places it is where the list is read at once; the first one alone looks for what is new.
    package var lane = 0
    /// The time that this lane reads, and has read and not yet committed.
    package var claimed: Interval?
    /// Of the first lane: how often walks of the list were cut in this run.
    package var cuts = 0
    /// Of the active walk.
    package var pace = Pace()

    /// Remembered: what is done.
    package var covered: Coverage
    /// Remembered: walks that were begun and not ended, this run's active one left out.
    package var begunWalks: [Walk]

    /// The walk this run is reading, as far as it was answered (not yet as far as it was committed).
    package var active: Walk?
    /// What the active walk was opened for.
    package var activeKind = StepKind.history
    /// A listing that is wanted although the copy is young.
    package var refresh = Refresh.none

    package enum Refresh: Sendable {
        case none, wanted, underWay
    }

    /// A request is out, so where to go on is unknown.
    package var isAsking = false
    /// Pages asked for and not yet committed.
    package var pagesInHand = 0
    package var pagesThisRun = 0
    /// Failed or unavailable in this run.
    package var isOut = false

    /// It stands for its list where all lists are gone through for what they may have.
    package var isLookedAt: Bool { purpose == .changes && lane == 0 }

    package init(
        spec: ListSpec, stream: StreamSpec, predecessor: Int?, covered: Coverage = Coverage(), begunWalks: [Walk] = [],
        purpose: Purpose = .changes
    ) {
        self.spec = spec
        self.stream = stream
        self.predecessor = predecessor
        self.covered = covered
        self.begunWalks = begunWalks
        self.purpose = purpose
    }
}

/// Everything the planner looks at.
package struct Situation: Sendable {
    /// In the order of the job file; the lists of one stream stand together.
    package var lists: [ListState]
    package var window: Job.Window
    /// Windows end here: the server's clock when the run began, less the lag.
    package var bound: Instant
    /// The server's clock, as well as it is known.
    package var serverNow: Instant
    package var allowance: Allowance
    /// What was left when the run began, by which the price of freshness is judged.
    package var allowanceAtStartTokens: Int
    /// One request alone is to be sent, to learn the server's clock and the company's budget.
    package var mustAskAlone: Bool
    package var concurrency: Int
    /// Requests that the burst limit lets out at this moment.
    package var openPlaces = Int.max
    /// Which of the account's runs this is: where taking turns begins, when there is not enough for one of each.
    package var runNumber = 0
    package var lanes = LaneRules()
    /// What is remembered of sweeps, by stream.
    package var sweeps: [String: SweepBook] = [:]
    /// What is known of the work on child streams, by stream.
    package var children: [String: ChildBook] = [:]
    /// Parents whose children were to be read when the run began, by stream of the children.
    package var waitingParents: [String: Int] = [:]

    package init(
        lists: [ListState], window: Job.Window, bound: Instant, serverNow: Instant, allowance: Allowance,
        mustAskAlone: Bool, concurrency: Int
    ) {
        self.lists = lists
        self.window = window
        self.bound = bound
        self.serverNow = serverNow
        self.allowance = allowance
        self.allowanceAtStartTokens = allowance.leftTokens
        self.mustAskAlone = mustAskAlone
        self.concurrency = concurrency
    }

    /// Everything that lists with a time filter are to cover; nil before the start.
    package var target: Interval? { Interval(since: window.start, until: bound) }

    /// Pages asked for and not yet committed.
    package var pagesInHand: Int { lists.reduce(0) { $0 + $1.pagesInHand } }
}
