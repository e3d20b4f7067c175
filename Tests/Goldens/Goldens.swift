import GeneraTesting

/// The golden runners of all families.
public enum Goldens {
    /// Families that have a runner.
    public static let families = ["pfgmpp", "splat", "gdss", "radd"]

    /// The runner of a family; nil if it has none.
    public static func runner(_ family: String) -> GoldenRunner? {
        switch family {
        case "pfgmpp": PFGMPPGoldens.runner
        case "splat": SplattingGoldens.runner
        case "gdss": GDSSGoldens.runner
        case "radd": RADDGoldens.runner
        default: nil
        }
    }
}
