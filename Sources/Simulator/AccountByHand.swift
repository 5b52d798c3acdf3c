/// For tests: changes made by hand at the account's present time, and the truth to compare a warehouse with.
extension SimulatedAccount {
    /// From now on the account misbehaves in these ways, and in no others.
    package mutating func misbehave(_ misbehaviours: [Misbehaviour] = []) { options.misbehaviours = misbehaviours }

    package mutating func edit(_ kind: RecordKind, _ ids: Int...) {
        wake(kind)
        for id in ids { touch(kind, id, at: nowMilliseconds) }
    }

    /// Edits so many undeleted records in this one second; gives their ids.
    @discardableResult
    package mutating func bulkEdit(_ kind: RecordKind, count: Int) -> [Int] {
        wake(kind)
        let ids = (tables[kind]?.rows ?? []).lazy.filter { !$0.isDeleted }.prefix(count).map { Int($0.id) }
        for id in Array(ids) { touch(kind, id, at: nowMilliseconds) }
        return Array(ids)
    }

    @discardableResult
    package mutating func create(_ kind: RecordKind) -> Int {
        wake(kind)
        return create(kind, at: nowMilliseconds)
    }

    package mutating func delete(_ kind: RecordKind, _ id: Int) {
        wake(kind)
        delete(kind, id, at: nowMilliseconds)
    }

    /// Deals, leads and projects.
    package mutating func archive(_ kind: RecordKind, _ id: Int) {
        wake(kind)
        archive(kind, id, true, at: nowMilliseconds)
    }

    package mutating func unarchive(_ kind: RecordKind, _ id: Int) {
        wake(kind)
        archive(kind, id, false, at: nowMilliseconds)
    }

    package mutating func merge(_ kind: RecordKind, _ loser: Int, into winner: Int) {
        merge(kind, loser, into: winner, at: nowMilliseconds)
    }

    /// A lead becomes a deal; gives the deal's id.
    @discardableResult
    package mutating func convertLead(_ id: Int) -> Int { convert(id, at: nowMilliseconds) }

    /// The share of rows that the token may see from now on.
    package mutating func setVisibleShare(_ share: Double) { options.visibleShare = share }

    package mutating func setUnavailable(_ lists: [UnavailableList]) { options.unavailable = lists }

    package mutating func setAPIChanges(_ changes: [APIChange]) { options.apiChanges = changes }

    /// Changes the app, or what its user and the OAuth server say to it.
    package mutating func changeApp(_ change: (inout OAuthApp) -> Void) { change(&options.app) }

    /// Every access token ends now, before its time.
    package mutating func endAccess() { desk.endAccess() }

    /// Every login ends: the user has removed the app.
    package mutating func endLogins() { desk = OAuthDesk() }

    package mutating func setChangesPerRequest(_ count: Int) { options.changesPerRequest = count }

    package mutating func setStatus(_ kind: RecordKind, _ id: Int, _ status: RecordRow.DealStatus) {
        let time = kind.rounded(nowMilliseconds)
        touch(kind, id, at: time) { row in
            row.status = status
            row.closedMilliseconds = status == .open ? 0 : time
        }
    }

    /// What the row of this id is remembered by; nil when there never was one.
    package func row(_ kind: RecordKind, _ id: Int) -> RecordRow? {
        guard let rows = tables[kind]?.rows, rows.indices.contains(id - 1) else { return nil }
        return rows[id - 1]
    }
}
