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

    /// s ← s + g²; v ← m v − η g / (√s + ε), ε = 10⁻¹⁰; θ ← θ + v.
    public static func adagradMomentumStep(
        rate: Float, momentum: Float, gradient: UnsafePointer<Float>, squares: UnsafeMutablePointer<Float>,
        velocity: UnsafeMutablePointer<Float>, parameters: UnsafeMutablePointer<Float>, count: Int
    ) {
        tributary_adagrad_momentum(Int64(count), rate, momentum, 1e-10, gradient, squares, velocity, parameters)
    }

    /// Loshchilov and Hutter 2019, algorithm 2, ε = 10⁻⁸: θ ← keep θ, then Adam's step.
    /// - Parameters:
    ///   - keep: 1 − η λ.
    ///   - meanCorrection: 1 / (1 − β₁ᵗ), t the step counted from 1.
    ///   - squareCorrection: 1 / (1 − β₂ᵗ).
    public static func adamWStep(
        rate: Float, keep: Float, beta1: Float, beta2: Float, meanCorrection: Float, squareCorrection: Float,
        gradient: UnsafePointer<Float>, means: UnsafeMutablePointer<Float>, squares: UnsafeMutablePointer<Float>,
        parameters: UnsafeMutablePointer<Float>, count: Int
    ) {
        tributary_adamw(
            Int64(count), rate, keep, beta1, beta2, 1e-8, meanCorrection, squareCorrection, gradient, means, squares, parameters)
    }

    /// θ ← θ − η g; g ← 0.
    public static func descend(
        rate: Float, clearing gradient: UnsafeMutablePointer<Float>, parameters: UnsafeMutablePointer<Float>, count: Int
    ) {
        tributary_descend(Int64(count), rate, gradient, parameters)
    }

    /// delta ← local − global; local ← global.
    public static func takeChange(
        of local: UnsafeMutablePointer<Float>, since global: UnsafePointer<Float>, into delta: UnsafeMutablePointer<Float>, count: Int
    ) {
        tributary_take_change(Int64(count), global, local, delta)
    }
}
