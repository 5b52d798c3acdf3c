import Glibc

@testable import Pipedrive

/// The door for libFuzzer, built by scripts/fuzz.sh: it belongs to no target of the package, since the other tests
/// are built without coverage counters and must have a main of their own.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    // The fuzzer's own buffer ends where its bytes end, so that a read beyond them is seen.
    if var scanner = JSONScanner(bytes) {
        let isValid = (try? scanner.document()) != nil
        let isRecord = (try? PageSlicer.record(bytes, of: Pages.stream)) != nil
        if isRecord && !isValid { complain("a record that is not JSON") }
    }
    if let complaint = SlicerOracle.complaint(about: Array(bytes)) { complain(complaint) }
    return 0
}

private func complain(_ complaint: String) -> Never {
    let line = Array("oracle: \(complaint)\n".utf8)
    write(STDERR_FILENO, line, line.count)
    abort()
}
