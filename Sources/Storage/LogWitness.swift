import Platform

/// What the index's shared memory (`-shm`) tells of its write-ahead log. SQLite trusts a log as far as its checksums
/// hold and no further, so a byte that the disk turned in it, or a log that is gone, silently takes back all commits
/// behind it: reservations would be spent a second time. A killed process leaves its shared memory, where the number of
/// frames stands that were committed, with the checksum over all of them; it is written after they were flushed, so it
/// never tells of more than there was. Whoever opens the index next makes it anew from the log, so it is asked first.
///
/// The layout is that of SQLite's "WAL-Index File Format"; what is not as that says is no witness.
struct LogWitness {
    private let header: [UInt8]
    private let frames: Int
    private let sharedMemory: String
    private let disk: any FileSystem

    private enum Layout {
        static let headerBytes = 48
        static let checkedBytes = 40
        static let frameCount = 16
        static let frameSum = 24
        static let salt = 32
        /// Behind the header and its copy: how many frames the database file has.
        static let backfill = 96
        static let logHeaderBytes = 32
        static let logSalt = 16
        static let logHeaderSum = 24
        static let frameHeaderBytes = 24
        /// Of a frame's header; the rest is salt and sum.
        static let frameCheckedBytes = 8
        static let frameStoredSum = 16
        static let isBigEndian: UInt8 = 1
    }

    /// Nil where nothing tells of a log.
    init?(_ sharedMemory: String, _ disk: any FileSystem) throws {
        guard let size = try disk.size(sharedMemory), size > Layout.backfill + 4 else { return nil }
        let bytes = try disk.read(sharedMemory, offset: 0, count: Layout.backfill + 4)
        header = Array(bytes.prefix(Layout.headerBytes))
        let isOurs = bytes.dropFirst(Layout.headerBytes).prefix(Layout.headerBytes).elementsEqual(header)
        frames = Int(header.number(at: Layout.frameCount))
        (self.sharedMemory, self.disk) = (sharedMemory, disk)
        var sum = LogSum()
        sum.add(header[..<Layout.checkedBytes], isSwapped: false)
        guard isOurs, sum.isAt(Layout.checkedBytes, in: header), bytes.number(at: Layout.backfill) < frames else {
            return nil
        }
    }

    /// Whether committed frames are not in the log as they were written.
    func misses(_ log: String) throws -> Bool {
        guard try !holds(log) else { return false }
        // A run may be under way and have begun the log anew meanwhile.
        return try disk.read(sharedMemory, offset: 0, count: Layout.headerBytes) == header
    }

    private func holds(_ log: String) throws -> Bool {
        let page = Int(header[14]) | Int(header[15]) << 8
        let frameBytes = Layout.frameHeaderBytes + (page == 1 ? 65_536 : page)
        guard let size = try disk.size(log), size >= Layout.logHeaderBytes + frames * frameBytes else { return false }
        let start = try disk.read(log, offset: 0, count: Layout.logHeaderBytes)
        guard start.count == Layout.logHeaderBytes,
            start[Layout.logSalt...].prefix(8).elementsEqual(header[Layout.salt...].prefix(8))
        else { return false }
        // The last byte of the magic number says in whose order the sums are taken; ours is that of little ends.
        let isSwapped = start[3] & Layout.isBigEndian == 1
        var sum = LogSum()
        sum.add(start[..<Layout.logHeaderSum], isSwapped: isSwapped)
        guard sum.isStored(in: start[Layout.logHeaderSum...]) else { return false }
        for frame in 0..<frames {
            let place = Int64(Layout.logHeaderBytes + frame * frameBytes)
            let bytes = try disk.read(log, offset: place, count: frameBytes)
            guard bytes.count == frameBytes else { return false }
            sum.add(bytes[..<Layout.frameCheckedBytes], isSwapped: isSwapped)
            sum.add(bytes[Layout.frameHeaderBytes...], isSwapped: isSwapped)
            guard bytes[Layout.frameCheckedBytes...].prefix(8).elementsEqual(header[Layout.salt...].prefix(8)),
                sum.isStored(in: bytes[Layout.frameStoredSum...])
            else { return false }
        }
        return sum.isAt(Layout.frameSum, in: header)
    }
}

/// SQLite's checksum of its log, over pairs of words.
private struct LogSum {
    private var first: UInt32 = 0
    private var second: UInt32 = 0

    mutating func add(_ bytes: ArraySlice<UInt8>, isSwapped: Bool) {
        bytes.withUnsafeBytes { words in
            for place in stride(from: 0, to: words.count, by: 8) {
                let one = words.loadUnaligned(fromByteOffset: place, as: UInt32.self)
                let two = words.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)
                first = first &+ (isSwapped ? one.byteSwapped : one) &+ second
                second = second &+ (isSwapped ? two.byteSwapped : two) &+ first
            }
        }
    }

    /// In the log sums are stored with their big end first, in whatever order they were taken.
    func isStored(in bytes: ArraySlice<UInt8>) -> Bool {
        let told = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return told == UInt64(first) << 32 | UInt64(second)
    }

    func isAt(_ place: Int, in header: [UInt8]) -> Bool {
        header.number(at: place) == first && header.number(at: place + 4) == second
    }
}

extension [UInt8] {
    /// Of this machine's order, which is that of little ends.
    fileprivate func number(at place: Int) -> UInt32 {
        self[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
