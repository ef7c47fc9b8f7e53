internal import CKernels

/// Optimiser steps on a range of parameters; `gradient`, state and parameters have the same length.
extension Kernels {
    /// v ← m v + g; θ ← θ − η v.
    public static func momentumStep(
        rate: Float, momentum: Float, gradient: UnsafePointer<Float>, velocity: UnsafeMutablePointer<Float>,
        parameters: UnsafeMutablePointer<Float>, count: Int
    ) {
        tributary_momentum(Int64(count), rate, momentum, gradient, velocity, parameters)
    }

    /// s ← s + g²; θ ← θ − η g / (√s + ε), ε = 10⁻¹⁰ (Duchi et al. 2011, diagonal).
    public static func adagradStep(
        rate: Float, gradient: UnsafePointer<Float>, squares: UnsafeMutablePointer<Float>, parameters: UnsafeMutablePointer<Float>, count: Int
    ) {
        tributary_adagrad(Int64(count), rate, 1e-10, gradient, squares, parameters)
    }

    /// Kingma and Ba 2015, algorithm 1 with β = (0.9, 0.999), ε = 10⁻⁸.
    /// - Parameters:
    ///   - meanCorrection: 1 / (1 − 0.9ᵗ), t the step counted from 1.
    ///   - squareCorrection: 1 / (1 − 0.999ᵗ).
    public static func adamStep(
        rate: Float, meanCorrection: Float, squareCorrection: Float, gradient: UnsafePointer<Float>, means: UnsafeMutablePointer<Float>,
        squares: UnsafeMutablePointer<Float>, parameters: UnsafeMutablePointer<Float>, count: Int
    ) {
        tributary_adam(Int64(count), rate, 0.9, 0.999, 1e-8, meanCorrection, squareCorrection, gradient, means, squares, parameters)
    }
}
