import CommandSupport
import Foundation

/// The text of a recipe, found by name or path.
struct RecipeSource {
    var path: String
    var text: String

    /// A file when the argument is one; otherwise `NAME.yaml` in `recipes/` below the working directory, in the folder that
    /// TRIBUTARY_RECIPES names, or in `recipes/` beside the executable or above it.
    static func find(_ argument: String) throws -> RecipeSource {
        if argument.contains("/") || argument.hasSuffix(".yaml") { return try read(argument) }
        let folders = folders()
        for folder in folders where FileManager.default.fileExists(atPath: "\(folder)/\(argument).yaml") {
            return try read("\(folder)/\(argument).yaml")
        }
        let known = Set(folders.flatMap(names)).sorted()
        throw CommandFailure(
            .noInput,
            "there is no recipe \(argument). "
                + (known.isEmpty
                    ? "Give a file, or set TRIBUTARY_RECIPES to the folder of recipes" : "Known: \(known.joined(separator: ", ")). Choose one, or give a file")
                + "; looked in \(folders.joined(separator: ", "))")
    }

    private static func read(_ path: String) throws -> RecipeSource {
        do { return RecipeSource(path: path, text: try String(contentsOfFile: path, encoding: .utf8)) } catch {
            throw CommandFailure(.noInput, "cannot read \(path) as text: \(error.localizedDescription)")
        }
    }

    private static func folders() -> [String] {
        var folders = ["recipes"]
        if let folder = ProcessInfo.processInfo.environment["TRIBUTARY_RECIPES"] { folders.append(folder) }
        var above = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        for _ in 0..<6 where above.path != "/" {
            folders.append(above.appending(path: "recipes").path)
            above.deleteLastPathComponent()
        }
        var met = Set<String>()
        return folders.filter { met.insert($0).inserted && FileManager.default.fileExists(atPath: $0) }
    }

    private static func names(in folder: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
    }
}
