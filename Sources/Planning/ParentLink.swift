/// How a stream's records hang under those of another.
package struct ParentLink: Hashable, Sendable {
    /// The stream of the parents.
    package var stream: String
    /// The member by which a child names its parent. Nil where it names none: then its line says it in `_parent`, and
    /// its key is one within its parent only.
    package var member: String?
    /// How old the children may be before they are read anew for every parent, where they change without it; nil =
    /// never.
    package var renewalSeconds: Int64?

    package init(_ stream: String, member: String?, renewalSeconds: Int64? = nil) {
        self.stream = stream
        self.member = member
        self.renewalSeconds = renewalSeconds
    }
}

extension StreamSpec {
    /// What happened to its parents, rather than what hangs on them: an entry once shown stands for ever.
    package var isHistory: Bool { parent != nil && group == .byName }

    /// Its lines say in `_parent` under which record they stand.
    package var saysParent: Bool { parent.map { $0.member == nil } ?? false }

    /// What makes its key, for people.
    package var keyWords: String {
        let own =
            switch keyKind {
            case .member: keyMember
            case .entry: "object/data.id"
            case .content: "content"
            }
        return saysParent ? "PARENT/\(own)" : own
    }
}

extension RecordKey {
    /// Of a record that has none in any member: its content is its key, which is known only with its hash.
    package static let byContent = RecordKey.text("")

    /// The key of a child that has one within its parent only.
    package func within(_ parent: RecordKey) -> RecordKey { .text("\(parent)/\(self)") }

    /// What `within` was made of; no key of a parent holds a stroke.
    package var withinParent: (parent: RecordKey, own: RecordKey)? {
        guard case .text(let text) = self, let stroke = text.firstIndex(of: "/") else { return nil }
        return (RecordKey(String(text[..<stroke])), RecordKey(String(text[text.index(after: stroke)...])))
    }
}

/// A parent whose children are to be read, because of that version of it.
package struct ParentMark: Hashable, Sendable {
    package var key: RecordKey
    /// `_seq` of the version: a later one asks for another reading.
    package var seq: Int64

    package init(key: RecordKey, seq: Int64) { (self.key, self.seq) = (key, seq) }
}

/// What is known of the work on one child stream.
package struct ChildBook: Sendable {
    /// The parents that changed last, as many as can be asked for at once; empty when none is left.
    package var waiting: [ParentMark] = []
    /// Batches of which some pages were read.
    package var begun: [Walk] = []

    package init() {}
}
