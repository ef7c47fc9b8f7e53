public import ArgumentParser
import CommandSupport
import DataFiles
import Foundation
public import Interactions
public import RankingEvaluation

extension InteractionFormat.Name: ExpressibleByArgument {}
extension TimeFormat: ExpressibleByArgument {}
extension SeenRule: ExpressibleByArgument {}
extension CandidateRule: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}
extension ImportOptions.MissingUser: ExpressibleByArgument {}

/// How a file of events is read and cleaned.
struct InputOptions: ParsableArguments {
    @Option(help: "How the file is written.")
    var inputFormat: InteractionFormat.Name = .auto
    @Option(help: "Column that holds the user.")
    var userColumn: String?
    @Option(help: "Column that holds the item.")
    var itemColumn: String?
    @Option(help: "Column that holds the time.")
    var timeColumn: String?
    @Option(help: "Column that holds the rating.")
    var ratingColumn: String?
    @Option(help: "Column that names the silo.")
    var siloColumn: String?
    @Option(help: "How times are written.")
    var timeFormat: TimeFormat = .automatic
    @Option(name: .customLong("where"), help: ArgumentHelp("Take in only rows of which this holds, such as 'Quantity > 0'; may be repeated.", valueName: "condition"))
    var conditions: [String] = []
    @Option(help: "What to do with rows that name no user.")
    var missingUser: ImportOptions.MissingUser = .malformed
    @Option(help: ArgumentHelp("Leave out and count up to so many malformed rows.", valueName: "count"))
    var skipMalformed = 0
    @Option(help: ArgumentHelp("A cleaning step, such as consecutive-repeats or minimum-events:user=5,item=5; may be repeated.", valueName: "step"))
    var clean: [String] = []

    func validate() throws {
        guard skipMalformed >= 0 else { throw ValidationError("--skip-malformed must not be negative") }
        do {
            _ = try conditions.map { try RowPredicate(parsing: $0) }
            _ = try clean.map { try CleaningStep(parsing: $0) }
        } catch { throw ValidationError("\(error)") }
    }

    /// The steps; what cannot be parsed was refused by `validate`.
    var pipeline: CleaningPipeline { CleaningPipeline(clean.compactMap { try? CleaningStep(parsing: $0) }) }

    func read(_ path: String) throws -> ImportedFile {
        try DataFile(path: path).interactions(
            format: inputFormat,
            columns: ColumnChoice(user: userColumn, item: itemColumn, time: timeColumn, rating: ratingColumn, silo: siloColumn, timeFormat: timeFormat),
            options: ImportOptions(malformedAllowed: skipMalformed, missingUser: missingUser, conditions: try conditions.map { try RowPredicate(parsing: $0) }))
    }

    /// How a command that reads events ends on an error.
    static func status(of error: any Error) -> ExitStatus {
        guard let error = error as? ImportError else { return .failure }
        return switch error.code {
        case .unreadable: .noInput
        case .invalidOption: .usage
        case .malformed, .duplicateItem, .unsupported, .missingColumn: .dataError
        }
    }
}

/// Bytes in lower-case hexadecimal.
func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
