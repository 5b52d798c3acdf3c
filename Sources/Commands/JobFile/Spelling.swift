/// Finds the word somebody probably meant.
enum Spelling {
    static func nearest(to word: String, among words: [String]) -> String? {
        let lowered = Array(word.lowercased())
        // A word this long is no slip of the pen, and measuring it takes time.
        guard lowered.count <= 40 else { return nil }
        let ranked = words.map { (word: $0, distance: distance(lowered, Array($0.lowercased()))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, best.word.count / 3) ? best.word : nil
    }

    /// Edits that turn one into the other: insert, remove, replace, or exchange two neighbours.
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var rows = [Array(0...b.count)]
        for i in 1..<(a.count + 1) {
            var row = [i]
            for j in 1..<(b.count + 1) {
                let replaced = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                var cost = min(replaced, rows[i - 1][j] + 1, row[j - 1] + 1)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, rows[i - 2][j - 2] + 1) }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
