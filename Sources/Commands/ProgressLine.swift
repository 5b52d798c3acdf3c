import Extraction
import Foundation
import Planning
import Synchronization

/// One line on a terminal that is written over and over; silent without a terminal.
final class ProgressLine: Sendable {
    private static let intervalMilliseconds: Int64 = 100

    private let isTerminal = Console.isErrorTerminal && !Console.logsJSON.load(ordering: .relaxed)
    /// A line that wraps cannot be written over.
    private let columns = ProgressLine.terminalColumns()
    private let shownAt = Mutex<Int64>(0)

    /// Nil where nobody looks on: how things stand is not even reckoned then.
    var observer: (@Sendable (RunProgress) -> Void)? {
        guard isTerminal else { return nil }
        return { progress in self.show(progress.line) }
    }

    /// Writes the line unless the last one is too young to be replaced.
    func show(_ line: @autoclosure () -> String) {
        guard isTerminal else { return }
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let isDue = shownAt.withLock { shown in
            guard now - shown >= Self.intervalMilliseconds else { return false }
            shown = now
            return true
        }
        if isDue { write("\r\u{1B}[K" + line().prefix(columns - 1)) }
    }

    func clear() {
        if isTerminal { write("\r\u{1B}[K") }
    }

    private static func terminalColumns() -> Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
        return Int(size.ws_col)
    }

    private func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}

extension RunProgress {
    /// `streams 4/16 (deals, persons) · 12,500 records · 310 of 20,000 tokens · 1 min left`
    var line: String {
        var line = "streams \(streamsDone)/\(streamCount)"
        let names = Set(streams).sorted()
        if !names.isEmpty { line += " (\(names.joined(separator: ", ")))" }
        line += " · \(records) records · \(tokensSpentToday) of \(dailyTokens) tokens"
        if let secondsLeft { line += secondsLeft < 90 ? " · \(secondsLeft) s left" : " · \(secondsLeft / 60) min left" }
        return line
    }
}
