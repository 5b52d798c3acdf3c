import Testing

/// That the scanners tell code from comments and strings, and find where functions end.
struct ScannerTests {
    private func code(_ text: String) -> String { SourceFile(path: "A.swift", text: text).code }

    private func functions(_ text: String) -> [FunctionSpan] {
        SourceFile(path: "A.swift", text: text).functions
    }

    @Test(arguments: [
        ("a // b", "a     "), ("a /* b /* c */ d */ e", "a                   e"), ("a \"b\" c", "a     c"),
        ("\"\\\"\" c", "     c"), ("\"\\(a + \"}\")\" c", "             c"), ("#\"\\\"# c", "      c"),
        ("\"\"\"\n{\"\n\"\"\" c", "   \n  \n    c"), ("f(/\"{/) c", "f(    ) c"), ("a / b / c", "a / b / c"),
    ])
    func blanking(text: String, expected: String) {
        #expect(code(text) == expected)
    }

    @Test func lengths() {
        let text = """
            func a() { b() }
            func c(
                d: () -> Void = { }
            ) {
                if e { func inner() {
                } }
            }
            init?(x: Int) {
                self.init(x)
            }
            """
        #expect(
            functions(text) == [
                FunctionSpan(line: 1, lineCount: 1), FunctionSpan(line: 2, lineCount: 6),
                FunctionSpan(line: 5, lineCount: 2), FunctionSpan(line: 8, lineCount: 3),
            ])
    }

    @Test func requirementsHaveNoBody() {
        let text = """
            protocol P {
                func a() -> Int
                func b()
                init(c: Int)
            }
            struct S { func d() { } }
            """
        #expect(functions(text) == [FunctionSpan(line: 6, lineCount: 1)])
    }

    @Test func aLongFunctionIsFound() {
        let body = String(repeating: "    x()\n", count: 60)
        let file = SourceFile(path: "Sources/Planning/A.swift", text: "\nfunc a() {\n\(body)}\n")
        #expect(ShapeRules.checkFunctions(file).map(\.line) == [2])
        let braces = String(repeating: "    x(\"}\") // }\n", count: 58)
        let short = SourceFile(path: "Sources/Planning/A.swift", text: "func a() {\n\(braces)}\nlet b = 1\n")
        #expect(ShapeRules.checkFunctions(short).isEmpty)
    }
}
