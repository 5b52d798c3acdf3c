package import Planning

extension Page {
    /// What its records say they were before, in a member of that name: those that were something.
    /// - Returns: nil where a record lacks the member, so that nobody can tell.
    package func origins(in member: String) -> [(record: RecordKey, origin: RecordKey)]? {
        var origins: [(record: RecordKey, origin: RecordKey)] = []
        for record in records {
            guard let object = SmallObject(body[record.bytes]), object.has(member) else { return nil }
            guard object.isPresent(member) else { continue }
            guard let origin = object.text(member) ?? object.integer(member).map(String.init) else { return nil }
            origins.append((record.key, RecordKey(origin)))
        }
        return origins
    }
}
