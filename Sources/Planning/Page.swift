/// The key of a record within its stream. Integers are kept as integers since nearly all keys are, and a
/// number takes a third of the room in the index.
package enum RecordKey: Hashable, Sendable, CustomStringConvertible {
    case integer(Int64)
    case text(String)

    /// A text that is the plain decimal form of an integer becomes one, so that `"7"` and `7` are one record.
    package init(_ text: String) {
        if let number = Int64(text), String(number) == text { self = .integer(number) } else { self = .text(text) }
    }

    package var description: String {
        switch self {
        case .integer(let number): String(number)
        case .text(let text): text
        }
    }
}

/// Where one record lies in the body of an answer, and the little that is read of it.
package struct RecordSlice: Sendable {
    /// The bytes of the object, `{` to `}`, as offsets into `Page.body`.
    package var bytes: Range<Int>
    package var key: RecordKey
    /// Nil when the record has no such member, or null, or a zero date.
    package var updateTime: UpdateTime?
    /// Under which record it hangs, where it says so.
    package var parent: RecordKey?
    /// The API itself says that the record is deleted.
    package var isDeleted: Bool
    /// There is no white space outside strings, so the bytes are one line as they are.
    package var isCompact: Bool
    /// What a definition of a field names: the field, then its options. Empty for any other record.
    package var names: [FieldName] = []

    package init(
        bytes: Range<Int>, key: RecordKey, updateTime: UpdateTime?, isDeleted: Bool = false, isCompact: Bool = true
    ) {
        self.bytes = bytes
        self.key = key
        self.updateTime = updateTime
        self.isDeleted = isDeleted
        self.isCompact = isCompact
    }
}

/// One answered page: what flows from the asking room to the keeping room. The body is kept as it came; the
/// records are slices of it and are never decoded and written again.
package struct Page: Sendable {
    package var body: [UInt8]
    package var records: [RecordSlice]
    /// Where the list goes on; nil at its end.
    package var next: PagePosition?
    /// Members beside `data` that nobody described.
    package var strangers: [String] = []

    package init(body: [UInt8], records: [RecordSlice], next: PagePosition?) {
        self.body = body
        self.records = records
        self.next = next
    }
}

/// How to ask for the page after this one.
package enum PagePosition: Hashable, Sendable {
    /// v2: an opaque cursor.
    case cursor(String)
    /// v1: an offset.
    case start(Int)
}
