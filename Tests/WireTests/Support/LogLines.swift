import Logging

/// Collects log lines, so that a test can look for what the operator would read.
actor LogLines {
    private(set) var lines: [String] = []
    private let stream: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    nonisolated var logger: Logger {
        Logger(label: "test") { _ in Handler(continuation: continuation) }
    }

    /// Waits for a line that contains the text.
    func line(containing text: String) async -> String? {
        if let line = lines.first(where: { $0.contains(text) }) { return line }
        for await line in stream {
            lines.append(line)
            if line.contains(text) { return line }
        }
        return nil
    }

    private struct Handler: LogHandler {
        let continuation: AsyncStream<String>.Continuation
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .debug
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted().joined(separator: " ")
            continuation.yield("\(event.message) \(fields)")
        }
    }
}
