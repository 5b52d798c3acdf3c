package import Planning

/// Finds the records in an answer: one pass over the bytes that checks all of them and decodes only keys and
/// update times.
package struct PageSlicer {
    /// The API's own limit; a list that ignores it only costs the array a second allocation.
    static let usualRecordCount = 500

    private var scanner: JSONScanner
    private let names: RecordNames
    private let nullIsEmpty: Bool
    private let isSingle: Bool
    /// `StreamSpec.rowsMember`.
    private var rowsMember: String?
    private var isDefinitions = false
    private var keyKind = StreamSpec.KeyKind.member
    private var records: [RecordSlice] = []
    private var hasData = false
    private var isSuccess = true
    private var additionalData: Range<Int>?
    private var strangers: [String] = []

    /// What the official examples of v1 have beside the list: related records, and of webhooks and goals the status
    /// over again.
    private static let describedMembers = ["related_objects", "status", "statusCode", "statusText", "service"]
    private static let mostStrangers = 10

    /// Throws when the body is anything but a whole and valid page of this stream.
    /// - Parameter nullIsEmpty: v1 says `"data":null` for an empty list. v2 says `[]`: a null in its place is no
    ///   answer, and taking it for the end of the list would lose the rest.
    /// - Parameter isSingle: the answer is one record rather than a list.
    package static func page(
        _ body: [UInt8], of stream: StreamSpec, nullIsEmpty: Bool = true, isSingle: Bool = false
    ) throws(JSONFault) -> Page {
        let names = RecordNames(of: stream)
        let (records, additional, strangers) = try body.withUnsafeBufferPointer { bytes throws(JSONFault) in
            guard let scanner = JSONScanner(bytes) else { throw JSONFault(reason: .cut, offset: 0) }
            var slicer = PageSlicer(scanner: scanner, names: names, nullIsEmpty: nullIsEmpty, isSingle: isSingle)
            slicer.rowsMember = stream.rowsMember
            slicer.isDefinitions = stream.definesFieldsOf != nil
            slicer.keyKind = stream.keyKind
            try slicer.envelope()
            return (slicer.records, slicer.additionalData, slicer.strangers)
        }
        let next = try additional.map { range throws(JSONFault) in try nextPosition(body, range) } ?? nil
        var page = Page(body: body, records: records, next: next)
        page.strangers = strangers
        return page
    }

    /// The same pass over any JSON text.
    package static func validate(_ text: [UInt8]) throws(JSONFault) {
        try text.withUnsafeBufferPointer { bytes throws(JSONFault) in
            guard var scanner = JSONScanner(bytes) else { throw JSONFault(reason: .cut, offset: 0) }
            try scanner.document()
        }
    }

    /// One record alone, as it stands in a snapshot file: the same reading, so that it says the same.
    package static func record(_ object: UnsafeBufferPointer<UInt8>, of stream: StreamSpec) throws(JSONFault)
        -> RecordSlice
    {
        guard let scanner = JSONScanner(object) else { throw JSONFault(reason: .cut, offset: 0) }
        let names = RecordNames(of: stream)
        var slicer = PageSlicer(scanner: scanner, names: names, nullIsEmpty: false, isSingle: false)
        slicer.isDefinitions = stream.definesFieldsOf != nil
        slicer.keyKind = stream.keyKind
        let after = try slicer.record(0)
        guard after == object.count, let record = slicer.records.first else { throw scanner.fault(.trailing, after) }
        return record
    }

    private init(scanner: JSONScanner, names: RecordNames, nullIsEmpty: Bool, isSingle: Bool) {
        self.scanner = scanner
        self.names = names
        self.nullIsEmpty = nullIsEmpty
        self.isSingle = isSingle
    }
}

// MARK: - The envelope

extension PageSlicer {
    private mutating func envelope() throws(JSONFault) {
        let start = scanner.skipSpace(0)
        guard scanner.peek(start) == UInt8(ascii: "{") else {
            try scanner.document()
            throw scanner.fault(.notAnObject, start)
        }
        var (place, isEnd) = scanner.open(start, "}")
        while !isEnd {
            let member = try scanner.member(place)
            let valueEnd = try envelopeValue(named: scanner.text(place, member.nameEnd), member.value)
            (place, isEnd) = try scanner.next(valueEnd, "}")
        }
        let after = scanner.skipSpace(place)
        guard after == scanner.end else { throw scanner.fault(.trailing, after) }
        guard isSuccess else { throw scanner.fault(.success, start) }
        guard hasData else { throw scanner.fault(.noData, start) }
    }

    private mutating func envelopeValue(named name: String?, _ offset: Int) throws(JSONFault) -> Int {
        switch name {
        // Which of the two counts nobody can say, and the other one may hold records.
        case "data" where hasData: throw scanner.fault(.twice, offset)
        case "additional_data" where additionalData != nil: throw scanner.fault(.twice, offset)
        case "data": return try data(offset)
        case "success":
            isSuccess = scanner.peek(offset) == UInt8(ascii: "t")
            return try scanner.value(offset, depth: 1)
        case "additional_data":
            let valueEnd = try scanner.value(offset, depth: 1)
            additionalData = offset..<valueEnd
            return valueEnd
        default:
            if let name, !Self.describedMembers.contains(name), strangers.count < Self.mostStrangers {
                strangers.append(name)
            }
            return try scanner.value(offset, depth: 1)
        }
    }

    private mutating func data(_ offset: Int) throws(JSONFault) -> Int {
        hasData = true
        if nullIsEmpty && scanner.peek(offset) == UInt8(ascii: "n") { return try scanner.value(offset, depth: 1) }
        if isSingle { return try record(offset) }
        if let rowsMember, scanner.peek(offset) == UInt8(ascii: "{") { return try rows(in: rowsMember, offset) }
        guard scanner.peek(offset) == UInt8(ascii: "[") else { throw scanner.fault(.dataShape, offset) }
        return try list(offset)
    }

    /// A `data` that is an object with the list in one of its members.
    private mutating func rows(in rowsMember: String, _ offset: Int) throws(JSONFault) -> Int {
        var hasRows = false
        var (place, isEnd) = scanner.open(offset, "}")
        while !isEnd {
            let member = try scanner.member(place)
            if scanner.text(place, member.nameEnd) == rowsMember, scanner.peek(member.value) == UInt8(ascii: "[") {
                hasRows = true
                (place, isEnd) = try scanner.next(list(member.value), "}")
            } else {
                (place, isEnd) = try scanner.next(scanner.value(member.value, depth: 2), "}")
            }
        }
        guard hasRows else { throw scanner.fault(.dataShape, offset) }
        return place
    }

    private mutating func list(_ offset: Int) throws(JSONFault) -> Int {
        records.reserveCapacity(Self.usualRecordCount)
        var (place, isEnd) = scanner.open(offset, "]")
        while !isEnd { (place, isEnd) = try scanner.next(record(place), "]") }
        return place
    }
}

// MARK: - A record

extension PageSlicer {
    /// The envelope, the list and the record itself lie around a record's values.
    private static let depthInRecord = 3

    private mutating func record(_ offset: Int) throws(JSONFault) -> Int {
        guard scanner.peek(offset) == UInt8(ascii: "{") else { throw scanner.fault(.dataShape, offset) }
        var found = RecordMembers()
        let spacesBefore = scanner.spaces
        var (place, isEnd) = scanner.open(offset, "}")
        while !isEnd {
            let escapesBefore = scanner.escapes
            let member = try scanner.member(place)
            let isEscaped = scanner.escapes != escapesBefore
            let valueEnd = try scanner.value(member.value, depth: Self.depthInRecord)
            if isEscaped || names.mayMatch(length: member.nameEnd - place - 2) {
                names.note(scanner, name: place + 1..<member.nameEnd - 1, isEscaped, member.value..<valueEnd, &found)
            }
            (place, isEnd) = try scanner.next(valueEnd, "}")
        }
        var record = RecordSlice(
            bytes: offset..<place, key: try key(found, offset..<place),
            updateTime: scanner.updateTime(found.updateTime), isDeleted: found.isFlagged || found.isStatusDeleted,
            isCompact: scanner.spaces == spacesBefore)
        if found.parent != nil { record.parent = try scanner.key(found.parent, recordStart: offset) }
        records.append(record)
        if isDefinitions { records[records.count - 1].names = fieldNames(scanner.bytes(offset..<place)) }
        return place
    }

    private func key(_ found: RecordMembers, _ record: Range<Int>) throws(JSONFault) -> RecordKey {
        switch keyKind {
        case .member: try scanner.key(found.key, recordStart: record.lowerBound)
        case .entry: entryKey(record)
        case .content: .byContent
        }
    }

    /// What kind of entry it is and the number it has among those; without a number its content is its key.
    private func entryKey(_ record: Range<Int>) -> RecordKey {
        guard let entry = SmallObject(scanner.bytes(record)), let kind = entry.text("object"),
            let data = entry.object("data"), let id = data.integer("id").map(String.init) ?? data.text("id")
        else { return .byContent }
        return .text("\(kind)/\(id)")
    }
}

// MARK: - The next page

extension PageSlicer {
    private static func nextPosition(_ body: [UInt8], _ range: Range<Int>) throws(JSONFault) -> PagePosition? {
        if body[range.lowerBound] == UInt8(ascii: "n") { return nil }
        guard let additional = SmallObject(body[range]) else {
            throw JSONFault(reason: .pagination, offset: range.lowerBound)
        }
        if additional.isPresent("next_cursor") {
            guard let cursor = additional.text("next_cursor") else {
                throw JSONFault(reason: .cursor, offset: range.lowerBound)
            }
            if !cursor.isEmpty { return .cursor(cursor) }
        }
        // Leads are said to have these members without the block around them.
        let block = additional.object("pagination") ?? additional
        guard block.isPresent("more_items_in_collection"), block.boolean("more_items_in_collection") != false
        else { return nil }
        guard let start = nextStart(block), start > 0 else {
            throw JSONFault(reason: .pagination, offset: range.lowerBound)
        }
        return .start(start)
    }

    /// Should the two ways to say it disagree, the smaller one only reads some records twice.
    private static func nextStart(_ block: SmallObject) -> Int? {
        guard let start = block.integer("start"), let limit = block.integer("limit") else {
            return block.integer("next_start")
        }
        let (afterThis, isTooMuch) = start.addingReportingOverflow(limit)
        guard !isTooMuch else { return block.integer("next_start") }
        return block.integer("next_start").map { min($0, afterThis) } ?? afterThis
    }
}
