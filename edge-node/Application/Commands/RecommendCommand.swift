internal import ArgumentParser
internal import CommandSupport
internal import EdgeRuntime
internal import EdgeStore
internal import Federation
internal import Foundation

struct RecommendCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "recommend", abstract: "Recommends items to a user of this node, or for a history.")
    }
    @OptionGroup var location: DirectoryOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "The user, as in the imported events.")
    var user: String?
    @Option(name: .long, help: "Instead of a user: item ids separated by commas, the oldest first.")
    var history: String?
    @Option(name: .long, help: "Instead of a user: a file with one user on each line.")
    var users: String?
    @Option(name: .long, help: "How many items.")
    var top = 10
    @Flag(name: .long, help: "Name the event of the history that speaks most for each item.")
    var explain = false
    @Flag(name: .long, help: "Allow items that the user has met already.")
    var keepSeen = false

    func validate() throws {
        guard [user, history, users].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("Give one of --user, --history and --users.")
        }
        guard (1...RecommendationDesk.maximumCount).contains(top) else { throw ValidationError("--top must be in 1…\(RecommendationDesk.maximumCount).") }
    }

    func run() async throws {
        try await reportingFailures(exitStatus) {
            let storage = try location.node.existingStorage()
            let shelf = ModelShelf(engine: try await storage.storedEngine())
            let desk = RecommendationDesk(storage: storage, shelf: shelf, clock: NodeSeams.current.clock)
            if let users { return try await answerAll(try Self.lines(of: users), desk) }
            let answer: Recommendations
            if let user {
                answer = try await desk.recommend(user: user, count: top, keepsSeen: keepSeen, explains: explain)
            } else {
                let items = (history ?? "").split(separator: ",").map(String.init)
                answer = try await desk.recommend(history: items, count: top, keepsSeen: keepSeen, explains: explain)
            }
            try show(answer)
        }
    }

    /// Answers in parts, so that no more of them than one part are in memory.
    private func answerAll(_ users: [String], _ desk: RecommendationDesk) async throws {
        for start in stride(from: 0, to: users.count, by: RecommendationDesk.maximumBatch) {
            let part = Array(users[start..<min(start + RecommendationDesk.maximumBatch, users.count)])
            let answers = try await desk.recommend(users: part, count: top, keepsSeen: keepSeen, explains: explain)
            for (user, answer) in zip(part, answers) {
                if let answer {
                    if output.format == .text { StandardStreams.output("user \(user)") }
                    try show(answer, user: user)
                } else {
                    StandardStreams.error("This node has no events of the user \(user).")
                }
            }
        }
    }

    private static func lines(of path: String) throws -> [String] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure(.noInput, "Cannot read \(path); give a UTF-8 text file with one user on each line.")
        }
        return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    private func show(_ answer: Recommendations, user: String? = nil) throws {
        switch output.format {
        case .json:
            for item in answer.items {
                StandardStreams.output(
                    try RecommendationLine(
                        user: user, item: item.item, title: item.title, score: item.score, because: item.because?.item, becauseTitle: item.because?.title,
                        new: item.isNew ? true : nil, round: answer.model.round
                    ).jsonLine())
            }
        case .text:
            var columns: [(title: String, alignment: TextTable.Alignment)] = [("#", .right), ("item", .left), ("title", .left), ("score", .right)]
            if explain { columns.append(("because of", .left)) }
            var table = TextTable(columns)
            for (index, item) in answer.items.enumerated() {
                var cells = ["\(index + 1)", item.item + (item.isNew ? " (new)" : ""), item.title ?? "", decimal(Double(item.score), 3)]
                if explain { cells.append(item.because.map { $0.title ?? $0.item } ?? "the history as a whole") }
                table.add(cells)
            }
            StandardStreams.output(table.rendered())
            StandardStreams.output(
                "model of round \(answer.model.round) (\(answer.model.digest.short)); history: \(answer.knownEvents) known events, \(answer.unknownEvents) of items outside the catalog")
        }
    }
}

private struct RecommendationLine: Encodable {
    var user: String?
    var item: String
    var title: String?
    var score: Float
    var because: String?
    var becauseTitle: String?
    var new: Bool?
    var round: Int
}
