import Testing

@testable import Platform

/// Which memory is let go of. Cannot see how much that is: benchmarks do.
@Suite struct ProcessMemoryTests {
    @Test func onlyTheCodeOfFiles() {
        let code = ProcessMemory.mappedCode("55d0-55e0 r-xp 00001000 fe:00 42   /usr/bin/pipesnap\n")
        #expect(code == 0x55d0..<0x55e0)
        for line in [
            "55d0-55e0 r--p 00001000 fe:00 42   /usr/bin/pipesnap",
            "55d0-55e0 rw-p 00001000 fe:00 42   /usr/bin/pipesnap",
            "55d0-55e0 r-xp 00000000 00:00 0    [vdso]", "55d0-55e0 r-xp 00000000 00:00 0",
            "55e0-55d0 r-xp 0 fe:00 4 /x", "",
        ] {
            #expect(ProcessMemory.mappedCode(line) == nil, "\(line)")
        }
    }

    /// Everything that is let go of comes back by itself.
    @Test func theProgramGoesOn() {
        for _ in 0..<3 { ProcessMemory.letGoOfStart() }
        #expect([3, 1, 2].sorted() == [1, 2, 3])
    }
}
