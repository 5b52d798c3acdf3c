import Foundation
import Glibc
import Platform
import Testing

/// The real disk. What it cannot show is what a power cut leaves behind: that is the failing disk's part.
@Suite struct LocalDiskTests {
    let disk = LocalDisk()
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func appendsReadsAndTruncates() throws {
        let file = folder("a")
        try disk.append([1, 2, 3], to: file)
        try disk.append([4, 5], to: file)
        try disk.append([], to: file)
        #expect(try disk.size(file) == 5)
        #expect(try disk.read(file, offset: 0, count: 100) == [1, 2, 3, 4, 5])
        #expect(try disk.read(file, offset: 3, count: 1) == [4])
        #expect(try disk.read(file, offset: 9, count: 4) == [])
        try disk.truncate(file, to: 2)
        try disk.sync(file)
        #expect(try disk.read(file, offset: 1, count: .max) == [2])
    }

    @Test func makesFoldersAndFilesThatOthersCannotRead() throws {
        let mask = umask(0)
        umask(mask)
        try disk.createDirectory(folder("x/y/z"))
        try disk.createDirectory(folder("x/y/z/"))
        try disk.append([0], to: folder("x/y/z/file"))
        #expect(mode(folder("x")) == 0o750 & ~mask)
        #expect(mode(folder("x/y/z")) == 0o750 & ~mask)
        #expect(mode(folder("x/y/z/file")) == 0o640 & ~mask)
    }

    @Test func listsInOrder() throws {
        for name in ["b", "a", "ä", ".hidden"] { try disk.append([], to: folder(name)) }
        #expect(try disk.list(folder.path) == [".hidden", "a", "b", "ä"])
        #expect(try disk.list(folder("nowhere")) == [])
    }

    @Test func whatIsMissing() throws {
        #expect(try disk.size(folder("none")) == nil)
        #expect(try disk.size(folder("none/deeper")) == nil)
        try disk.remove(folder("none"))
        let failure = #expect(throws: FileFailure.self) { try disk.read(folder("none"), offset: 0, count: 1) }
        #expect(failure?.code == ENOENT)
        #expect(failure?.description == "cannot read \(folder("none")): No such file or directory")
        #expect(throws: FileFailure.self) { try disk.truncate(folder("none"), to: 0) }
        #expect(throws: FileFailure.self) { try disk.sync(folder("none")) }
        #expect(throws: FileFailure.self) { try disk.syncDirectory(folder("none")) }
        #expect(throws: FileFailure.self) { try disk.rename(folder("none"), to: folder("b")) }
    }

    @Test func whatIsNoFileIsSaidToBeNone() throws {
        try disk.createDirectory(folder("folder"))
        #expect(symlink("nowhere", folder("link")) == 0)
        #expect(symlink("loop", folder("loop")) == 0)
        #expect(mkfifo(folder("pipe"), 0o600) == 0)
        try disk.append([1], to: folder("file"))
        #expect(symlink("file", folder("good")) == 0)
        for (name, words) in [
            ("folder", "a folder"), ("link", "a link that leads nowhere"), ("loop", "a link that leads to itself"),
            ("pipe", "a pipe"),
        ] {
            let looks = [{ _ = try disk.size(folder(name)) }, { _ = try disk.read(folder(name), offset: 0, count: 1) }]
            for look in looks {
                let failure = #expect(throws: FileFailure.self) { try look() }
                #expect(failure?.isInTheWay == true)
                #expect(failure?.description == "cannot read \(folder(name)): \(words) lies there, and no file")
            }
            #expect { try disk.lock(folder(name)) } throws: { ($0 as? FileFailure)?.isInTheWay == true }
        }
        #expect(try disk.size(folder("good")) == 1)
        #expect { try disk.remove(folder("folder")) } throws: { ($0 as? FileFailure)?.isInTheWay == true }
        for name in ["link", "loop", "pipe"] { try disk.remove(folder(name)) }
        #expect(try disk.list(folder.path) == ["file", "folder", "good"])
    }

    @Test func aFileInTheWayOfAFolder() throws {
        try disk.append([1], to: folder("f"))
        #expect(throws: FileFailure.self) { try disk.createDirectory(folder("f")) }
        #expect(throws: FileFailure.self) { try disk.createDirectory(folder("f/below")) }
        #expect(throws: FileFailure.self) { try disk.syncDirectory(folder("f")) }
        #expect(throws: FileFailure.self) { try disk.list(folder("f")) }
    }

    @Test func renamesOverWhatIsThere() throws {
        try disk.append([1], to: folder("new"))
        try disk.append([2, 2], to: folder("old"))
        try disk.rename(folder("new"), to: folder("old"))
        try disk.syncDirectory(folder.path)
        #expect(try disk.list(folder.path) == ["old"])
        #expect(try disk.read(folder("old"), offset: 0, count: 9) == [1])
        try disk.remove(folder("old"))
        #expect(try disk.list(folder.path) == [])
    }

    /// `/dev/full` takes no byte: the refusal must come out as what it is.
    @Test func aFullDisk() throws {
        let failure = #expect(throws: FileFailure.self) { try disk.append([1], to: "/dev/full") }
        #expect(failure?.code == ENOSPC)
        #expect(failure?.operation == "write to")
    }

    @Test func oneHolderOfALock() throws {
        let first = try disk.lock(folder("lock"))
        #expect(first != nil)
        #expect(try disk.lock(folder("lock")) == nil)
        first?.unlock()
        first?.unlock()
        var second = try disk.lock(folder("lock"))
        #expect(second != nil)
        second = nil
        #expect(try disk.lock(folder("lock")) != nil)
        #expect(throws: FileFailure.self) { try disk.lock(folder("none/lock")) }
    }

    /// A child that outlives its parent must not keep the lock alive.
    @Test func aChildDoesNotInheritTheLock() throws {
        let lock = try disk.lock(folder("lock"))
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/sleep")
        child.arguments = ["30"]
        try child.run()
        defer { child.terminate() }
        #expect(descriptors(of: folder("lock"), process: "\(child.processIdentifier)").isEmpty)
        #expect(lock != nil && descriptors(of: folder("lock"), process: "self").count == 1)
    }

    /// As a child has it between its fork and its exec.
    @Test func letGoOfALockThatIsOpenTwice() throws {
        let lock = try disk.lock(folder("lock"))
        let copies = descriptors(of: folder("lock"), process: "self").map { dup($0) }
        defer { for copy in copies { close(copy) } }
        #expect(copies.count == 1)
        lock?.unlock()
        #expect(try disk.lock(folder("lock")) != nil)
    }

    private func descriptors(of path: String, process: String) -> [Int32] {
        let folder = "/proc/\(process)/fd"
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return numbers.filter {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")) == path
        }
        .compactMap { Int32($0) }
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }
}
