import Logging

/// Hands log lines to the console, which knows the format. Quiet below `warning`, so that cron stays quiet when
/// all is well.
struct ConsoleLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { Console.log(event.level.rawValue, event.message.description) }
}
