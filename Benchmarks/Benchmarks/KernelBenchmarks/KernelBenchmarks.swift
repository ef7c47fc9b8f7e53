import Benchmark
import Tensors

/// The hot loops on sizes that training has, one thread.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuTotal, .throughput], scalingFactor: .one, maxDuration: .seconds(2), maxIterations: 10_000)

    // Rows × inner × columns: a user's window, a worker's piece of a batch, scores of all items.
    for (rows, inner, columns) in [(50, 64, 64), (50, 64, 192), (1024, 64, 192), (1024, 64, 3416), (1024, 3416, 64)] {
        let (a, b) = (values(rows * inner), values(inner * columns))
        Benchmark("product \(rows)×\(inner)×\(columns)") { benchmark in
            var out = [Float](repeating: 0, count: rows * columns)
            benchmark.startMeasurement()
            out.withUnsafeMutableBufferPointer { out in
                a.withUnsafeBufferPointer { a in
                    b.withUnsafeBufferPointer { b in
                        BLAS.multiply(a.baseAddress!, b.baseAddress!, into: out.baseAddress!, rows: rows, inner: inner, columns: columns)
                    }
                }
            }
            benchmark.stopMeasurement()
            blackHole(out)
        }
    }

    let vector = values(1 << 20)
    Benchmark("squared norm, 1 M") { _ in blackHole(Kernels.squaredNorm(vector)) }
    Benchmark("finite, 1 M") { _ in blackHole(Kernels.isFinite(vector)) }
    Benchmark("axpy, 1 M") { benchmark in
        var sum = vector
        benchmark.startMeasurement()
        sum.withUnsafeMutableBufferPointer { sum in
            vector.withUnsafeBufferPointer { Kernels.axpy(0.5, $0.baseAddress!, to: sum.baseAddress!, count: $0.count) }
        }
        benchmark.stopMeasurement()
        blackHole(sum)
    }
    Benchmark("exp, 1 M") { benchmark in
        var x = vector
        benchmark.startMeasurement()
        Kernels.exp(&x)
        benchmark.stopMeasurement()
        blackHole(x)
    }
}

/// Values in ± 1 that follow no pattern a kernel could use.
func values(_ count: Int) -> [Float] {
    var word: UInt32 = 1
    return (0..<count).map { _ in
        word = word &* 1_664_525 &+ 1_013_904_223
        return Float(Int32(bitPattern: word)) * 0x1p-31
    }
}
