using System.Collections;
using System.Collections.Generic;
using System.Threading.Tasks;
using Firebase;
using Firebase.Functions;

public static class Customers
{
    public static async Task<IList> Search(string words)
    {
        var app = FirebaseApp.DefaultInstance;
        var functions = FirebaseFunctions.GetInstance(app, "us-central1"); // the `region` of crm.toml
        var data = new Dictionary<string, object> { { "q", words }, { "pageSize", 10 } };
        var answer = await functions.GetHttpsCallable("search_customers").CallAsync(data);
        return (IList)((IDictionary)answer.Data)["customers"];
    }
}
