internal import ArgumentParser
internal import CommandSupport
internal import EdgeRuntime
internal import EdgeStore
internal import Federation

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
    @Option(name: .long, help: "How many items.")
    var top = 10
    @Flag(name: .long, help: "Name the event of the history that speaks most for each item.")
    var explain = false
    @Flag(name: .long, help: "Allow items that the user has met already.")
    var keepSeen = false

    func validate() throws {
        guard (user == nil) != (history == nil) else { throw ValidationError("Give either --user or --history.") }
        guard (1...RecommendationDesk.maximumCount).contains(top) else { throw ValidationError("--top must be in 1…\(RecommendationDesk.maximumCount).") }
    }

    func run() async throws {
        try await reportingFailures(exitStatus) {
            let storage = try location.node.existingStorage()
            let shelf = ModelShelf(engine: try await storage.storedEngine())
            let desk = RecommendationDesk(storage: storage, shelf: shelf, clock: NodeSeams.current.clock)
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

    private func show(_ answer: Recommendations) throws {
        switch output.format {
        case .json:
            for item in answer.items {
                StandardStreams.output(
                    try RecommendationLine(
                        item: item.item, title: item.title, score: item.score, because: item.because?.item, becauseTitle: item.because?.title,
                        round: answer.model.round
                    ).jsonLine())
            }
        case .text:
            var columns: [(title: String, alignment: TextTable.Alignment)] = [("#", .right), ("item", .left), ("title", .left), ("score", .right)]
            if explain { columns.append(("because of", .left)) }
            var table = TextTable(columns)
            for (index, item) in answer.items.enumerated() {
                var cells = ["\(index + 1)", item.item, item.title ?? "", decimal(Double(item.score), 3)]
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
    var item: String
    var title: String?
    var score: Float
    var because: String?
    var becauseTitle: String?
    var round: Int
}
