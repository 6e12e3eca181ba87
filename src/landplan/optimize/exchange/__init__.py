"""Exchange of land among its owners: who gets which parcel, with a bound over all assignments."""
