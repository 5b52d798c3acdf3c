/// Requests that a count of the company's tokens may not contain: those that are still out, and those that ended
/// without a count, except where the request that brought the count left after that end.
package struct UncountedRequests: Hashable, Sendable {
    private struct Untold: Hashable, Sendable {
        /// Requests begun by then.
        var begun: Int
        var tokens: Int
    }

    /// Prices by number.
    private var out: [Int: Int] = [:]
    private var untold: [Untold] = []
    private var begun = 0

    package init() {}

    package var tokens: Int { out.values.reduce(0, +) + untold.reduce(0) { $0 + $1.tokens } }

    /// - Returns: the request's number.
    package mutating func begin(tokens: Int) -> Int {
        begun += 1
        out[begun] = tokens
        return begun
    }

    /// - Parameter isTold: its answer brought a count.
    package mutating func end(_ number: Int, isTold: Bool) {
        guard let tokens = out.removeValue(forKey: number) else { return }
        if isTold {
            untold.removeAll { $0.begun < number }
        } else {
            untold.append(Untold(begun: begun, tokens: tokens))
        }
    }
}
