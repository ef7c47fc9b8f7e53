public import Logging

/// Log lines for an operator: time, level, message, then the facts as `key=value`, sorted; to standard error.
public struct LineLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    private let label: String

    public init(label: String, logLevel: Logger.Level = .info) {
        self.label = label
        self.logLevel = logLevel
    }
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
    public func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }
        let text = facts.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        StandardStreams.error("\(timeStamp()) \(event.level) \(label): \(event.message)\(text)")
    }
}
