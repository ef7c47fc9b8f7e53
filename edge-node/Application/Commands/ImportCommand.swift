internal import ArgumentParser
internal import CommandSupport
internal import DataFiles
internal import EdgeRuntime
internal import EdgeStore
internal import Federation
internal import Interactions

struct ImportCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "import", abstract: "Takes events from a file into this node's store.",
            discussion: """
                User ids are stored as keyed hashes only. Items that the federation's catalog does not list are kept and counted, and not trained. \
                The file is read whole or not at all; importing the same file with the same options again is refused.
                """)
    }
    @OptionGroup var location: DirectoryOptions
    @Argument(help: "The file, plain or gzip-compressed.")
    var file: String
    @Option(name: .long, help: "The file's format: \(InteractionFormat.Name.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format = "auto"
    @Option(name: .long, help: "How to print: text or json.")
    var output: OutputFormat = .text
    @Option(name: .long, help: "The column with the user.")
    var columnUser: String?
    @Option(name: .long, help: "The column with the item.")
    var columnItem: String?
    @Option(name: .long, help: "The column with the time.")
    var columnTime: String?
    @Option(name: .long, help: "The column with the rating.")
    var columnRating: String?
    @Option(name: .customLong("require"), help: "Leave out and count rows that miss this condition, such as 'Quantity > 0'. May be repeated.")
    var required: [String] = []
    @Option(name: .customLong("where"), help: "Take only rows of this silo from a shared file, such as 'Country = France'. May be repeated.")
    var selected: [String] = []
    @Option(name: .long, help: "Leave out and count up to so many malformed rows.")
    var skipMalformed = 0
    @Flag(name: .long, help: "Leave out and count rows that name no user.")
    var dropMissingUser = false
    @Option(name: .customLong("clean"), help: "A cleaning step, such as consecutive-repeats or latest-events:200; may be repeated, applied in order. See docs/guides/import-data.md.")
    var cleaning: [String] = []

    func validate() throws {
        guard skipMalformed >= 0 else { throw ValidationError("--skip-malformed must not be negative.") }
        guard InteractionFormat.Name(rawValue: format) != nil else {
            throw ValidationError("--format must be one of \(InteractionFormat.Name.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
    }

    func run() async throws {
        try await reportingFailures(exitStatus) {
            let conditions = try (required + selected).map { try RowPredicate(parsing: $0) }
            let columns = ColumnChoice(user: columnUser, item: columnItem, time: columnTime, rating: columnRating)
            let read = try DataFile(path: file).interactions(
                format: InteractionFormat.Name(rawValue: format) ?? .auto, columns: columns,
                options: ImportOptions(malformedAllowed: skipMalformed, missingUser: dropMissingUser ? .drop : .malformed, conditions: conditions))
            let steps = try cleaning.map { try CleaningStep(parsing: $0) }
            let (table, reports) = CleaningPipeline(steps).apply(to: read.table)
            let options = [format, columnUser ?? "", columnItem ?? "", columnTime ?? "", columnRating ?? ""] + conditions.map(\.description) + steps.map(\.description)
            let source = ImportSource(
                fileName: DataFile(path: file).name, digest: Digest(of: read.digest + Array(options.joined(separator: "\u{0}").utf8)))
            let recorded = try await location.node.storage().importEvents(Self.events(of: table), from: source)
            try show(read, reports, table, recorded)
        }
    }

    private static func events(of table: InteractionTable) -> [NodeEvent] {
        let users = table.users.identifiers
        let items = table.items.identifiers
        return (0..<table.count).map { row in
            let time = table.hasTimes ? table.time[row] : InteractionTable.missingTime
            return NodeEvent(
                user: users[Int(table.user[row])], item: items[Int(table.item[row])], time: time == InteractionTable.missingTime ? nil : time)
        }
    }

    private func show(_ read: ImportedFile, _ cleaning: [CleaningReport], _ table: InteractionTable, _ recorded: RecordedEvents) throws {
        switch output {
        case .json:
            StandardStreams.output(
                try ImportLine(
                    format: read.format.name.rawValue, rows: read.report.rowCount, events: recorded.events, users: table.users.count,
                    newUsers: recorded.newUsers, items: table.items.count, malformed: read.report.malformedCount,
                    withoutUser: read.report.missingUserCount,
                    missedConditions: Dictionary(read.report.missedConditions.map { ($0.condition.description, $0.count) }, uniquingKeysWith: +)
                ).jsonLine())
        case .text:
            StandardStreams.output("read as \(read.format.name.rawValue)")
            for line in read.report.lines + cleaning.map(\.description) { StandardStreams.output(line) }
            for report in cleaning where report.step.dependsOnOtherUsers {
                StandardStreams.output(
                    "note: the step \(report.step) makes one user's events depend on others'; with a private plan the ε of the ledger would not cover that, so use it for privacy off only")
            }
            StandardStreams.output("stored \(recorded.events) events of \(table.users.count) users (\(recorded.newUsers) new) with \(table.items.count) items")
        }
    }
}

private struct ImportLine: Encodable {
    var format: String
    var rows: Int
    var events: Int
    var users: Int
    var newUsers: Int
    var items: Int
    var malformed: Int
    var withoutUser: Int
    var missedConditions: [String: Int]
}
