import Foundation
import Tensors
import TestSupport
import Testing

/// A Python virtual environment with the reference implementation of the format.
enum ReferencePython {
    /// Made once, or `nil` where there is no Python or no package index.
    private static let prepared = Task<String?, Never> {
        try? await withProcesses { launcher in
            let folder = FileManager.default.temporaryDirectory.appending(path: "tributary-safetensors-\(ProcessInfo.processInfo.processIdentifier)")
            let made = try await launcher.run("/usr/bin/env", ["python3", "-m", "venv", folder.plainPath])
            guard made.exitCode == 0 else { return nil }
            let python = folder.appending(path: "bin/python").plainPath
            let installed = try await launcher.run(python, ["-m", "pip", "install", "-q", "safetensors==0.8.0", "numpy==2.4.6"])
            return installed.exitCode == 0 ? python : nil
        }
    }

    /// The interpreter, if it can be had. Under `CI=true` its absence must fail the test, not skip it.
    static func isUsable() async -> Bool {
        if ProcessInfo.processInfo.environment["CI"] == "true" { return true }
        return await prepared.value != nil
    }

    static func run(_ script: String, _ arguments: [String]) async throws -> FinishedProcess {
        let python = try #require(await prepared.value, "Python 3 with venv, and a package index for safetensors and numpy, are needed")
        return try await withProcesses { try await $0.run(python, ["-c", script] + arguments) }
    }
}

@Suite(.enabled("needs Python 3 and a package index") { await ReferencePython.isUsable() })
struct PythonInteropTests {
    @Test("Python's safetensors reads what is written here")
    func read() async throws {
        try await withTemporaryDirectory { folder in
            let url = folder.appending(path: "model.safetensors")
            let file = Safetensors(
                tensors: [.init(name: "b", shape: [2, 3], values: [1, -2, 3.5, 0, 0.1, 1e-30]), .init(name: "ä", shape: [2], values: [7, 8])],
                metadata: ["model": "tést \"quoted\"\n"])
            try Data(file.encoded()).write(to: url)
            let script = """
                import sys
                import numpy
                from safetensors import safe_open
                with safe_open(sys.argv[1], framework="numpy") as f:
                    assert sorted(f.keys()) == ["b", "ä"], f.keys()
                    assert f.metadata() == {"model": 'tést "quoted"\\n'}, f.metadata()
                    b = f.get_tensor("b")
                    assert b.dtype == numpy.float32 and b.shape == (2, 3)
                    assert (b == numpy.array([[1, -2, 3.5], [0, 0.1, 1e-30]], dtype=numpy.float32)).all(), b
                    assert f.get_tensor("ä").tolist() == [7, 8]
                """
            let result = try await ReferencePython.run(script, [url.plainPath])
            #expect(result.exitCode == 0, "\(result.error)")
        }
    }

    @Test("What Python's safetensors writes is read here")
    func write() async throws {
        try await withTemporaryDirectory { folder in
            let url = folder.appending(path: "model.safetensors")
            let script = """
                import sys
                import numpy
                from safetensors.numpy import save_file
                save_file({
                    "single": numpy.arange(6, dtype=numpy.float32).reshape(2, 3) / 10,
                    "half": numpy.array([1.5, -2], dtype=numpy.float16),
                    "double": numpy.array(0.25, dtype=numpy.float64),
                    "ü\\t": numpy.zeros((0, 2), dtype=numpy.float32),
                }, sys.argv[1], metadata={"key": "välue\\n"})
                """
            let result = try await ReferencePython.run(script, [url.plainPath])
            #expect(result.exitCode == 0, "\(result.error)")
            let file = try Safetensors(decoding: [UInt8](Data(contentsOf: url)))
            #expect(file["single"] == .init(name: "single", shape: [2, 3], values: (0..<6).map { Float($0) / 10 }))
            #expect(file["half"]?.values == [1.5, -2])
            #expect(file["double"] == .init(name: "double", shape: [], values: [0.25]))
            #expect(file["ü\t"]?.shape == [0, 2])
            #expect(file.metadata == ["key": "välue\n"])
        }
    }
}
